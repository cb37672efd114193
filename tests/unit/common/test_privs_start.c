/* Who may not be sealed, what ends the process half way, and what it makes do without. */

#include <cap-ng.h>
#include <pthread.h>

#include "log.h"
#include "sealed.h"
#include "test.h"

static const struct ids	*bad;

static void
drop_to_bad(void)
{
	privs_drop(&wide, *bad);
}

static void
root_and_nobody_in_particular_are_refused_as_users(void)
{
	static const struct ids	 ids[] = {
		{ 0, TEST_ID }, { TEST_ID, 0 }, { 0, 0 }, { UINT32_MAX, TEST_ID },
		{ TEST_ID, UINT32_MAX }
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		bad = &ids[i];
		CHECK(exited(sealed(NULL, drop_to_bad), STATUS_PRIVILEGE));
	}
}

static void *
wait_for_ever(void *arg)
{
	pause();
	return (arg);
}

static void
start_thread(void)
{
	pthread_t	 t;

	pthread_create(&t, NULL, wait_for_ever, NULL);
}

static void
a_process_with_a_second_thread_is_refused(void)
{
	CHECK(exited(sealed_wait(sealed_start(&wide, start_thread, stay)), STATUS_PRIVILEGE));
	CHECK(!seen->sealed);
}

static void
lose(unsigned int capability)
{
	capng_get_caps_process();
	capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability);
	capng_apply(CAPNG_SELECT_CAPS);
}

static void
lose_setuid(void)
{
	lose(CAP_SETUID);
}

static void
lose_setpcap(void)
{
	lose(CAP_SETPCAP);
}

static void
lose_chroot(void)
{
	lose(CAP_SYS_ADMIN);
	lose(CAP_SYS_CHROOT);
}

static void
a_drop_that_cannot_be_whole_ends_the_process(void)
{
	void	(*losses[])(void) = { lose_setuid, lose_setpcap, lose_chroot };

	for (size_t i = 0; i < 3; i++) {
		CHECK(exited(sealed_wait(sealed_start(&wide, losses[i], stay)),
		    STATUS_PRIVILEGE));
		CHECK(!seen->sealed);
	}
}

static void
lose_admin(void)
{
	lose(CAP_SYS_ADMIN);
}

static char	 other_root[] = "/tmp/test-privs-XXXXXX";

/* As in a chroot: a root that is no mount point, so that it cannot be replaced. */
static void
enter_chroot(void)
{
	if (chdir(other_root) == -1 || mkdir("tmp", 0700) == -1 || chroot(".") == -1)
		_exit(99);
}

static void
where_no_root_can_be_mounted_it_is_an_empty_directory(void)
{
	void		(*before[])(void) = { lose_admin, enter_chroot };
	uint32_t	 walls[] = { 0, WALL_NAMESPACES };
	pid_t		 pid;

	CHECK(mkdtemp(other_root) != NULL);
	for (size_t i = 0; i < 2; i++) {
		pid = sealed_start(&wide, before[i], stay);
		CHECK(wait_sealed());
		CHECK((seen->ready.walls & (WALL_NAMESPACES | WALL_ROOT)) == walls[i]);
		CHECK(root_entries(pid) == 0);
		CHECK(root_mkdir(pid) == -1 && errno == ENOENT);
		CHECK(exited(sealed_wait(pid), 0));
	}
	CHECK(chdir(other_root) == 0 && rmdir("tmp") == 0 && rmdir(other_root) == 0);
}

static char	 uid_text[32], gid_text[32];

static void
ask_ids(void)
{
	char		*argv[] = { (char[]){ "test" }, uid_text, gid_text, NULL };
	struct ids	 ids = privs_ids(strcmp(gid_text, "none") == 0 ? 2 : 3, argv);

	see(ids.uid);
	see(ids.gid);
}

static bool
ids_from(const char *uid, const char *gid)
{
	snprintf(uid_text, sizeof(uid_text), "%s", uid);
	snprintf(gid_text, sizeof(gid_text), "%s", gid);
	if (exited(sealed(NULL, ask_ids), 0))
		return (true);
	CHECK(seen->n == 0);
	return (false);
}

static void
ids_are_two_numbers_above_zero(void)
{
	CHECK(ids_from("991", "4294967294"));
	CHECK(seen->rc[0] == 991 && seen->rc[1] == 4294967294);
	CHECK(!ids_from("991", "none"));
	CHECK(!ids_from("0", "1") && !ids_from("1", "0"));
	CHECK(!ids_from("-1", "1") && !ids_from(" 1", "1") && !ids_from("+1", "1"));
	CHECK(!ids_from("", "1") && !ids_from("1x", "1") && !ids_from("1", "4294967295"));
	CHECK(!ids_from("99999999999999999999", "1"));
}

int
main(void)
{
	CASE(ids_are_two_numbers_above_zero);
	if (geteuid() != 0) {
		SKIP("privs_drop", "needs root");
		return (test_done());
	}
	CASE(root_and_nobody_in_particular_are_refused_as_users);
	CASE(a_process_with_a_second_thread_is_refused);
	CASE(a_drop_that_cannot_be_whole_ends_the_process);
	CASE(where_no_root_can_be_mounted_it_is_an_empty_directory);
	return (test_done());
}
