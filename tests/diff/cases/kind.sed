/label: root/s/ext2/ext3/
