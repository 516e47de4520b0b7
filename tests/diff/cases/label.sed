s/label: root/label: boot/
