/* The system call filter of a process, built before the seal and put up as its last step. */

#ifndef FILTER_H
#define FILTER_H

#include <seccomp.h>

#include "privs.h"

/*
 * A filter that lets exactly these calls through and kills the process at any other, of any
 * architecture.  Whatever goes wrong ends the process with STATUS_PRIVILEGE.
 */
scmp_filter_ctx	 filter_build(const struct privs_call *, unsigned int n);

/* Besides: prctl(PR_GET_SECCOMP), for the process to ask the kernel whether it is confined. */
void		 filter_allow_question(scmp_filter_ctx);

/* Put it up, for every thread, and ask the kernel for it. */
void		 filter_load(scmp_filter_ctx);

#endif /* FILTER_H */
