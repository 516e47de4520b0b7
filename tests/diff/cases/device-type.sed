s/type: char/type: block/
