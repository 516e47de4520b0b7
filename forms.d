forms.o: compiler/read/forms.c compiler/read/read.h compiler/model/lock.h \
  compiler/model/manifest.h compiler/support/source.h \
  compiler/support/digest.h compiler/model/sums.h compiler/read/stages.h \
  compiler/read/document.h compiler/read/schema.h \
  compiler/model/apt_source.h compiler/model/capability.h \
  compiler/model/xattr.h compiler/support/compilation.h \
  compiler/support/arena.h compiler/support/diag.h \
  include/rootc/diagnostics.def compiler/support/file.h \
  compiler/support/progress.h include/rootc/progress.h \
  compiler/support/text.h

compiler/read/read.h:

compiler/model/lock.h:

compiler/model/manifest.h:

compiler/support/source.h:

compiler/support/digest.h:

compiler/model/sums.h:

compiler/read/stages.h:

compiler/read/document.h:

compiler/read/schema.h:

compiler/model/apt_source.h:

compiler/model/capability.h:

compiler/model/xattr.h:

compiler/support/compilation.h:

compiler/support/arena.h:

compiler/support/diag.h:

include/rootc/diagnostics.def:

compiler/support/file.h:

compiler/support/progress.h:

include/rootc/progress.h:

compiler/support/text.h:
