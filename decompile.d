decompile.o: compiler/decompile/decompile.c compiler/decompile/stages.h \
  compiler/decompile/decompile.h compiler/model/decompiled.h \
  compiler/model/image.h compiler/model/layout.h compiler/model/tree.h \
  compiler/model/closure.h compiler/model/manifest.h \
  compiler/support/source.h compiler/model/pool.h \
  compiler/model/content.h compiler/support/digest.h \
  compiler/support/file.h compiler/model/xattr.h \
  compiler/support/calendar.h compiler/support/compilation.h \
  compiler/support/arena.h compiler/support/diag.h \
  include/rootc/diagnostics.def compiler/support/progress.h \
  include/rootc/progress.h compiler/model/partition_type.h \
  compiler/support/memory.h compiler/support/text.h

compiler/decompile/stages.h:

compiler/decompile/decompile.h:

compiler/model/decompiled.h:

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

compiler/support/compilation.h:

compiler/support/arena.h:

compiler/support/diag.h:

include/rootc/diagnostics.def:

compiler/support/progress.h:

include/rootc/progress.h:

compiler/model/partition_type.h:

compiler/support/memory.h:

compiler/support/text.h:
