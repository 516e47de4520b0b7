s/minor: 3/minor: 5/
