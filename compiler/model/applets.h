#ifndef MODEL_APPLETS_H
#define MODEL_APPLETS_H

/* The directory ("" for the root) in which busybox installs APPLET; from its own conventions, whatever the binary. */
const char *applet_directory(const char *applet);

#endif
