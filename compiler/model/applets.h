#ifndef MODEL_APPLETS_H
#define MODEL_APPLETS_H

/* The directories ("" for the root) in which busybox installs applets, up to a NULL. */
extern const char *const applet_directories[];

/* The one of these in which busybox installs APPLET; from its own conventions, whatever the binary. */
const char *applet_directory(const char *applet);

#endif
