script.o: compiler/resolve/script.c compiler/resolve/resolver.h \
  compiler/model/closure.h compiler/model/manifest.h \
  compiler/support/source.h compiler/model/pool.h \
  compiler/model/content.h compiler/support/digest.h \
  compiler/support/file.h compiler/model/xattr.h \
  compiler/model/startup.h compiler/model/tree.h \
  compiler/support/calendar.h compiler/resolve/elf.h \
  compiler/model/trace.h compiler/resolve/bytes.h compiler/resolve/map.h \
  compiler/resolve/resolve.h compiler/resolve/walk.h \
  compiler/support/diag.h include/rootc/diagnostics.def \
  compiler/support/compilation.h compiler/support/arena.h \
  compiler/support/progress.h include/rootc/progress.h \
  compiler/support/names.h compiler/support/text.h

compiler/resolve/resolver.h:

compiler/model/closure.h:

compiler/model/manifest.h:

compiler/support/source.h:

compiler/model/pool.h:

compiler/model/content.h:

compiler/support/digest.h:

compiler/support/file.h:

compiler/model/xattr.h:

compiler/model/startup.h:

compiler/model/tree.h:

compiler/support/calendar.h:

compiler/resolve/elf.h:

compiler/model/trace.h:

compiler/resolve/bytes.h:

compiler/resolve/map.h:

compiler/resolve/resolve.h:

compiler/resolve/walk.h:

compiler/support/diag.h:

include/rootc/diagnostics.def:

compiler/support/compilation.h:

compiler/support/arena.h:

compiler/support/progress.h:

include/rootc/progress.h:

compiler/support/names.h:

compiler/support/text.h:
