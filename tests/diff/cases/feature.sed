s/label: root, /label: root, features: [dir_index], /
