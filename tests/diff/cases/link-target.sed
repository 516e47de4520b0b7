s/link: motd/link: other/
