tree.o: compiler/plan/tree.c compiler/plan/plan.h compiler/model/layout.h \
  compiler/model/tree.h compiler/model/closure.h \
  compiler/model/manifest.h compiler/support/source.h \
  compiler/model/pool.h compiler/model/content.h \
  compiler/support/digest.h compiler/support/file.h \
  compiler/model/xattr.h compiler/support/calendar.h \
  compiler/model/startup.h compiler/model/applets.h \
  compiler/plan/stages.h compiler/support/compilation.h \
  compiler/support/arena.h compiler/support/diag.h \
  include/rootc/diagnostics.def compiler/support/progress.h \
  include/rootc/progress.h compiler/support/memory.h \
  compiler/support/text.h

compiler/plan/plan.h:

compiler/model/layout.h:

compiler/model/tree.h:

compiler/model/closure.h:

compiler/model/manifest.h:

compiler/support/source.h:

compiler/model/pool.h:

compiler/model/content.h:

compiler/support/digest.h:

compiler/support/file.h:

compiler/model/xattr.h:

compiler/support/calendar.h:

compiler/model/startup.h:

compiler/model/applets.h:

compiler/plan/stages.h:

compiler/support/compilation.h:

compiler/support/arena.h:

compiler/support/diag.h:

include/rootc/diagnostics.def:

compiler/support/progress.h:

include/rootc/progress.h:

compiler/support/memory.h:

compiler/support/text.h:
