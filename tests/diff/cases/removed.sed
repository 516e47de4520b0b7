/other/d
