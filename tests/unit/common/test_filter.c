/* The filter kills at any call that is not on the sheet, and lets those on it through. */

#include <sys/prctl.h>
#include <sys/syscall.h>

#include "sealed.h"
#include "test.h"

static const struct privs_call	 calls[] = {
	CALL(exit_group),
	CALL_1(recvfrom, 0, CHAN_FD),
	CALL_2(fcntl, 0, 0, 1, F_GETFL),
	CALL_2(fcntl, 0, CHAN_FD, 1, F_GETFD),
	CALL_3(socket, 0, AF_UNIX, 1, SOCK_DGRAM, 2, 0),
	{ -1000, 0, { { 0, 0, false } } },	/* as libseccomp numbers what this machine lacks */
	PRIVS_NARROW,
};

static const struct privs	 sheet = {
	.name = "test", .user = "nobody", .fds = 0xf | 1U << 30, .network = true,
	.calls = calls, .ncalls = sizeof(calls) / sizeof(calls[0]),
};

static void
get_number(void)
{
	see(syscall(SYS_getppid));
}

static void
a_call_that_is_not_on_the_sheet_kills(void)
{
	CHECK(exited(sealed(NULL, get_number), 0));
	CHECK(worked(0));
	CHECK(filtered(sealed(&sheet, get_number)));
	CHECK(seen->n == 0);
}

static int	 a0, a1;

static void
ask_fcntl(void)
{
	see(syscall(SYS_fcntl, a0, a1, 0));
}

static bool
fcntl_passes(int fd, int what)
{
	a0 = fd;
	a1 = what;
	if (exited(sealed(&sheet, ask_fcntl), 0))
		return (worked(0));
	CHECK(filtered(sealed(&sheet, ask_fcntl)));
	return (false);
}

static void
the_arguments_of_one_entry_hold_together(void)
{
	CHECK(fcntl_passes(0, F_GETFL));
	CHECK(fcntl_passes(CHAN_FD, F_GETFD));
	CHECK(!fcntl_passes(0, F_GETFD));
	CHECK(!fcntl_passes(CHAN_FD, F_GETFL));
	CHECK(!fcntl_passes(1, F_GETFL));
	CHECK(!fcntl_passes(0, F_SETFL));
}

static int	 s0, s1, s2;

static void
ask_socket(void)
{
	see(socket(s0, s1, s2));
}

static bool
socket_passes(int domain, int type, int protocol)
{
	s0 = domain;
	s1 = type;
	s2 = protocol;
	if (exited(sealed(&sheet, ask_socket), 0))
		return (worked(0));
	CHECK(filtered(sealed(&sheet, ask_socket)));
	return (false);
}

static void
each_of_three_arguments_is_held_to_its_value(void)
{
	CHECK(socket_passes(AF_UNIX, SOCK_DGRAM, 0));
	CHECK(!socket_passes(AF_INET, SOCK_DGRAM, 0));
	CHECK(!socket_passes(AF_UNIX, SOCK_STREAM, 0));
	CHECK(!socket_passes(AF_UNIX, SOCK_DGRAM, 1));
	CHECK(!socket_passes(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

static void
ask_mode(void)
{
	see(prctl(PR_GET_SECCOMP));
}

static void
ask_dumpable(void)
{
	see(prctl(PR_SET_DUMPABLE, 1));
}

static void
of_prctl_only_the_question_after_the_filter_passes(void)
{
	CHECK(exited(sealed(&sheet, ask_mode), 0));
	CHECK(seen->rc[0] == SECCOMP_MODE_FILTER);
	CHECK(exited(sealed(NULL, ask_dumpable), 0));
	CHECK(filtered(sealed(&sheet, ask_dumpable)));
}

static struct privs_filter	*narrow;

static void
prepare(void)
{
	static const struct privs_call	 fewer[] = {
		CALL(exit_group),
		CALL_2(fcntl, 0, CHAN_FD, 1, F_GETFD),
		CALL_1(getppid, 0, 0),
	};

	narrow = privs_narrow_prepare(fewer, sizeof(fewer) / sizeof(fewer[0]));
}

static void
narrow_then_ask(void)
{
	ask_fcntl();
	privs_narrow(narrow);
	ask_fcntl();
}

static void
narrow_then_gain(void)
{
	privs_narrow(narrow);
	get_number();
}

static void
narrow_twice(void)
{
	privs_narrow(narrow);
	privs_narrow(narrow);
}

static int
narrowed(void (*act)(void))
{
	return (sealed_wait(sealed_start(&sheet, prepare, act)));
}

static void
the_narrower_filter_takes_away_and_gives_nothing(void)
{
	a0 = CHAN_FD;
	a1 = F_GETFD;
	CHECK(exited(narrowed(narrow_then_ask), 0));
	CHECK(worked(0) && worked(1));
	a0 = 0;
	a1 = F_GETFL;
	CHECK(filtered(narrowed(narrow_then_ask)));
	CHECK(seen->n == 1 && worked(0));
	CHECK(filtered(narrowed(narrow_then_gain)));
	CHECK(filtered(narrowed(narrow_twice)));
}

int
main(void)
{
	if (geteuid() != 0) {
		SKIP("filter", "needs root");
		return (test_done());
	}
	CASE(a_call_that_is_not_on_the_sheet_kills);
	CASE(the_arguments_of_one_entry_hold_together);
	CASE(each_of_three_arguments_is_held_to_its_value);
	CASE(of_prctl_only_the_question_after_the_filter_passes);
	CASE(the_narrower_filter_takes_away_and_gives_nothing);
	return (test_done());
}
