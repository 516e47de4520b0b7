compile.o: compiler/compile.c compiler/pipeline.h compiler/model/diff.h \
  compiler/model/field.h compiler/model/image.h compiler/model/layout.h \
  compiler/model/tree.h compiler/model/closure.h \
  compiler/model/manifest.h compiler/support/source.h \
  compiler/model/pool.h compiler/model/content.h \
  compiler/support/digest.h compiler/support/file.h \
  compiler/model/xattr.h compiler/support/calendar.h \
  compiler/model/lock.h include/rootc/rootc.h include/rootc/progress.h \
  compiler/support/compilation.h compiler/support/arena.h \
  compiler/support/diag.h include/rootc/diagnostics.def \
  compiler/support/progress.h compiler/check/check.h \
  compiler/emit/emit.h compiler/fetch/fetch.h compiler/plan/plan.h \
  compiler/model/startup.h compiler/read/read.h compiler/model/sums.h \
  compiler/resolve/resolve.h compiler/model/trace.h \
  compiler/support/memory.h compiler/support/text.h

compiler/pipeline.h:

compiler/model/diff.h:

compiler/model/field.h:

compiler/model/image.h:

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

compiler/model/lock.h:

include/rootc/rootc.h:

include/rootc/progress.h:

compiler/support/compilation.h:

compiler/support/arena.h:

compiler/support/diag.h:

include/rootc/diagnostics.def:

compiler/support/progress.h:

compiler/check/check.h:

compiler/emit/emit.h:

compiler/fetch/fetch.h:

compiler/plan/plan.h:

compiler/model/startup.h:

compiler/read/read.h:

compiler/model/sums.h:

compiler/resolve/resolve.h:

compiler/model/trace.h:

compiler/support/memory.h:

compiler/support/text.h:
