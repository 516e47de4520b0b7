#ifndef SUPPORT_PROCESSORS_H
#define SUPPORT_PROCESSORS_H

/* How many processors this process may use, at least 1. For the number of threads only: nothing else may depend on it. */
unsigned processors_count(void);

#endif
