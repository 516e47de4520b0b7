/^  .data.file/s/data.n/DATA\\n/
