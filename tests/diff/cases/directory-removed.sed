/dev/d
