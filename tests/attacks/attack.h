/*
 * What an attacker who has taken over a process would try next.  attack_ROLE is linked with
 * the production objects of its role and seals itself by the production sheet.
 *
 *	attack_ROLE list		the acts, one a line, each "refused" or "allowed"
 *	attack_ROLE ACT			try it, sealed
 *	attack_ROLE ACT unsealed	try it as root: the positive control
 *
 * It prints what came of it and exits with enum attack_result.  Either way all happens in
 * namespaces of its own, where root can harm nothing.
 */

#ifndef ATTACK_H
#define ATTACK_H

#include "ipc.h"
#include "privs.h"

enum attack_result {
	ATTACK_WORKED = 0,
	ATTACK_REFUSED = 1,	/* with an errno, or killed by SIGSYS */
	ATTACK_BROKEN = 2	/* there was no attack: a setup or a seal failed */
};

struct act {
	const char	*name;
	long		(*try)(void);	/* -1 and errno when it is refused */
};

struct role {
	uint64_t		 channels;	/* bit n: descriptor n is a channel */
	void			(*setup)(void);	/* makes the other descriptors, as root; or NULL */
	struct msg_ready	(*drop)(struct ids);
	const struct act	*acts;		/* of this role, besides those for all; ends NULL */
	const char *const	*may;		/* acts that its sheet allows; ends with NULL */
};

int	 attack_main(const struct role *, int argc, char *argv[]);

/* For setup(): something it needs, or there is no attack. */
void	 attack_need(int rc, const char *what);
/* For setup(): make a descriptor be this number. */
void	 attack_fd(int fd, int number);

#endif /* ATTACK_H */
