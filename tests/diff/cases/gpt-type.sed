/^  data/s/size/type: 21686148-6449-6e6f-744e-656564454648, size/
