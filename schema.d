schema.o: compiler/read/schema.c compiler/read/schema.h \
  compiler/model/lock.h compiler/model/manifest.h \
  compiler/support/source.h compiler/support/digest.h \
  compiler/read/foreign.h

compiler/read/schema.h:

compiler/model/lock.h:

compiler/model/manifest.h:

compiler/support/source.h:

compiler/support/digest.h:

compiler/read/foreign.h:
