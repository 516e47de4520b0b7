s/size: 5MiB/size: 6MiB/
