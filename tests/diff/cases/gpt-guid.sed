/^  data/s/size/uuid: 01234567-89ab-cdef-0123-456789abcdef, size/
