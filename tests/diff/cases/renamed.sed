s|^  /etc/other:|  /etc/renamed:|
