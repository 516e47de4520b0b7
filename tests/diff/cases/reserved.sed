s/label: root/label: root, reserved_percent: 5/
