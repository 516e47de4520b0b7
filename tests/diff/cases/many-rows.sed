s/^epoch: 1000000000/epoch: 1/
