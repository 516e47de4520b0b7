s/note: one/note: two/
