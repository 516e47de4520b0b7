calendar.o: compiler/support/calendar.c compiler/support/calendar.h \
  compiler/support/arena.h

compiler/support/calendar.h:

compiler/support/arena.h:
