/other/s/"}/", owner: 5, group: 7}/
