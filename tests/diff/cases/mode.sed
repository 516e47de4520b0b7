/other/s/"}/", mode: 0600}/
