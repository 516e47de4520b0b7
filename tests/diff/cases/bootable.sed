s/^    mount/    bootable: true\n&/
