/*
 * Hosts that an old log has in part, logs behind one another, keys, and what a forger without a
 * key can write: every check value fits, and the facts have to be what this program writes.
 */

#include "apart.h"
#include "old.h"

static const char	 key[] = "a secret of a user", other_key[] = "the secret of another";
static char		 log_text[1 << 20];	/* of the last scan, in normal format */

/* Write a log; in a process that has not read one, as all that follows it may. */
static void
write_log(void (*scan)(void))
{
	CHECK(run(scan) == 0);
	keep_file(files[OUTPUT_NORMAL], log_text, sizeof(log_text));
	CHECK(strlen(log_text) > 500);
}

static enum replay
read_again(const char *log)
{
	return (replay_text(log, strlen(log), NULL));
}

static void
parts_scan(void)
{
	tell_start();
	tell_host_as(1, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	tell_host_as(2, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	tell_host(1, OUTCOME_COMPLETE);
	tell_host_as(2, OUTCOME_PARTIAL, HOST_CHECKPOINT);
	TELL(checkpoint, .zero = { 0 });
	tell_host(3, OUTCOME_TIMED_OUT);
	tell_finish(ENDING_INTERRUPTED);
}

static void
each_part_is_told_whole_and_in_its_turn(void)
{
	static const uint64_t	 offsets[] = { 1, 2, 2 };

	write_log(parts_scan);
	CHECK(read_again(log_text) == REPLAY_RESUMABLE);
	CHECK(said.n[MSG_PASTHOST] == 3 && said.n[MSG_PASTPORTS] == 3);
	CHECK(said.ndone == 2 && said.done[0].first == 1 && said.done[1].first == 3);
	for (unsigned int i = 0; i < 3; i++) {
		const struct msg_host	*h = &said.part[i];

		CHECK(h->place.offset == offsets[i] && h->addr.ip[3] == offsets[i]);
		CHECK(h->outcome == OUTCOME_PARTIAL && h->pass == 1 && h->cursor == 7);
		CHECK(strcmp(h->rdns, "a.example") == 0 && h->srtt == 1500);
		CHECK(said.part_ports[i] == 2);
	}
	CHECK(part_port[0].port == 22 && part_port[0].state == PORT_OPEN);
	CHECK(part_port[1].port == 80 && part_port[1].reason == REASON_RESET);
}

/* They are for --resume and --convert. */
static void
to_verify_no_part_is_told(void)
{
	write_log(parts_scan);
	for (mode = TO_CONVERT; mode <= TO_VERIFY; mode++) {
		CHECK(read_again(log_text) == REPLAY_RESUMABLE);
		CHECK((said.n[MSG_PASTHOST] != 0) == (mode == TO_CONVERT));
		CHECK((said.n[MSG_PASTDONE] != 0) == (mode == TO_CONVERT));
		CHECK((said.n[MSG_PASTLINE] != 0) == (mode == TO_CONVERT));
		CHECK(said.end.hosts == 2 && said.end.up == 2);
	}
}

/* Open and closed by turns, so that no two are one range. */
static void
all_ports_scan(void)
{
	struct msg_ports	 all = { .proto = PROTO_TCP };
	struct msg_hostports	 m;

	send_logconfig(&parent_side, &config);
	for (; all.piece < PORT_PIECES; all.piece++) {
		memset(all.bits, 0, sizeof(all.bits));
		memset(all.bits, 0xff, all.piece + 1 == PORT_PIECES ?
		    PORT_BITS / 8 - (size_t)all.piece * PORT_PIECE : PORT_PIECE);
		send_logports(&parent_side, &all);
	}
	TELL(start, .zero = { 0 });
	TELL(host, .addr = address("10.0.0.1"), .state = HOST_UP, .ports = PORT_BITS,
	    .outcome = OUTCOME_PARTIAL, .flags = HOST_CHECKPOINT, .cursor = PORT_BITS);
	for (uint32_t port = 0; port < PORT_BITS;) {
		memset(&m, 0, sizeof(m));
		for (; m.n < HOSTPORTS_MAX && port < PORT_BITS; port++)
			m.e[m.n++] = (struct port_entry){
				.port = (uint16_t)port, .proto = PROTO_TCP,
				.state = port % 2 == 0 ? PORT_OPEN : PORT_CLOSED
			};
		send_hostports(&parent_side, &m);
		pump();
	}
}

/* A message at a time: nothing is sent for which there is no room, which would end the logger. */
static void
all_ports_of_a_host_wait_for_a_slow_parent(void)
{
	static char	 text[sizeof(contents)];
	uint32_t	 good = 0;

	CHECK(run(all_ports_scan) == 0);
	keep_file(files[OUTPUT_NORMAL], text, sizeof(text));
	slowness = 1;
	CHECK(read_again(text) == REPLAY_RESUMABLE);
	CHECK(said.n[MSG_PASTHOST] == 1 && said.part[0].ports == PORT_BITS);
	CHECK(said.part_ports[0] == PORT_BITS);
	CHECK(said.n[MSG_PASTPORTS] == (PORT_BITS + HOSTPORTS_MAX - 1) / HOSTPORTS_MAX);
	for (uint32_t port = 0; port < PORT_BITS; port++)
		good += part_port[port].port == port &&
		    part_port[port].state == (port % 2 == 0 ? PORT_OPEN : PORT_CLOSED);
	CHECK(good == PORT_BITS);
}

#define PART_2	"# postern: part 10.0.0.2 . up echo-reply 0 - 1500 - 1:7 10000 f "	\
	"no-response found a.example - 22:o:syn-ack:60,80:c:reset:60\n"
#define HOST_1	"# postern: host 10.0.0.1 . up echo-reply 0 - 1500 - complete 10000 f "	\
	"no-response found a.example - 22:o:syn-ack:60,80:c:reset:60\n"

static enum replay
read_forged(const char *from, const char *to)
{
	return (read_again(forge(log_text, from, to)));
}

static void
facts_that_do_not_fit_their_mark_are_refused(void)
{
	write_log(parts_scan);
	CHECK(read_forged(PART_2, PART_2) == REPLAY_RESUMABLE && said.n[MSG_PASTHOST] == 3);
	CHECK(read_forged(PART_2, "") == REPLAY_ALTERED);
	CHECK(said.n[MSG_PASTHOST] == 1 && said.ndone == 0);
	CHECK(read_forged(PART_2, HOST_1) == REPLAY_ALTERED);
	CHECK(read_forged(PART_2, PART_2 PART_2) == REPLAY_ALTERED);
	CHECK(read_forged("partial 0:2", "partial 0:2-3") == REPLAY_ALTERED);
	CHECK(read_forged(HOST_1, PART_2) == REPLAY_ALTERED);
	CHECK(said.n[MSG_PASTHOST] == 2 && said.ndone == 0);
	CHECK(read_forged("done 0:1 ", "done 0:1-2 ") == REPLAY_ALTERED);
	CHECK(read_forged("done 0:1 ", "done 0:1 0:2 ") == REPLAY_ALTERED);
	CHECK(read_forged("# postern: stopped", HOST_1 "# postern: stopped") == REPLAY_ALTERED);
}

/* Whatever it is read for: nothing of it reaches an output, or the parent. */
static void
facts_that_nobody_writes_are_refused(void)
{
	static const char *const	 bad[][2] = {
		{ " 1:7 ", " 16:7 " }, { " 1:7 ", " 1:65537 " }, { " 1:7 ", " complete " },
		{ "part 10.0.0.1 ", "part 10.0.0.01 " }, { "part 10.0.0.1 .", "part 10.0.0.1 a b" },
		{ ",80:c:", ",22:c:" }, { ",80:c:", ",80:-:" },
		{ "- 22:o:syn-ack:60,80", "- 22:o:syn-ack:60,,80" },
		{ "reset:60\n", "reset:256\n" }, { "reset:60\n", "reset:60 \n" },
		{ "complete 10000", "complete 10001" }, { "complete 10000", "partial 10000" },
		{ "host 10.0.0.1 .", "host 10.0.0.1 a b" }, { "timed-out 10000", "1:7 10000" },
	};

	write_log(parts_scan);
	for (mode = TO_RESUME; mode <= TO_VERIFY; mode++)
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			CHECK(read_forged(bad[i][0], bad[i][1]) == REPLAY_ALTERED);
			if (test_bad != 0)
				printf("# in mode %u: %s\n", mode, bad[i][1]);
			if (test_bad != 0)
				return;
		}
}

static void
totals_that_fall_are_refused(void)
{
	write_log(parts_scan);
	CHECK(read_forged("done 0:3 total 2 up 2", "done 0:3 total 2 up 1") == REPLAY_RESUMABLE);
	CHECK(read_forged("done 0:3 total 2 up 2", "done 0:3 total 0 up 0") == REPLAY_ALTERED);
	CHECK(read_forged("total 1 up 1", "total 1 up 2") == REPLAY_ALTERED);
}

static void
whole_scan(void)
{
	tell_start();
	tell_host(1, OUTCOME_COMPLETE);
	tell_finish(ENDING_COMPLETE);
}

/* A whole one, and behind it one that was stopped. */
static void
logs_behind_one_another_are_verified_but_not_resumed(void)
{
	static char	 both[2 * sizeof(log_text)];
	size_t		 first;

	write_log(whole_scan);
	snprintf(both, sizeof(both), "%s", log_text);
	first = strlen(both);
	write_log(parts_scan);
	snprintf(both + first, sizeof(both) - first, "%s", log_text);
	mode = TO_VERIFY;
	CHECK(read_again(both) == REPLAY_RESUMABLE && said.end.hosts == 2);
	CHECK(said.end.ending == ENDING_INTERRUPTED && said.end.line == 0);
	CHECK(replay_text(both, strlen(both) - 1, NULL) == REPLAY_RESUMABLE);
	CHECK(said.end.torn > 20);
	for (mode = TO_RESUME; mode <= TO_CONVERT; mode++)
		CHECK(read_again(both) == REPLAY_SEVERAL && said.end.line > 10);
	mode = TO_VERIFY;
	both[first + strlen(log_text) / 2] ^= 1;
	CHECK(read_again(both) == REPLAY_ALTERED && said.end.line > 30);
	both[first + strlen(log_text) / 2] ^= 1;
	both[first / 2] ^= 1;
	CHECK(read_again(both) == REPLAY_ALTERED && said.end.line < 30);
}

static void
a_stopped_log_before_a_whole_one_is_seen(void)
{
	static char	 both[2 * sizeof(log_text)];
	size_t		 first;

	write_log(parts_scan);
	snprintf(both, sizeof(both), "%s", log_text);
	first = strlen(both);
	write_log(whole_scan);
	snprintf(both + first, sizeof(both) - first, "%s", log_text);
	mode = TO_VERIFY;
	CHECK(read_again(both) == REPLAY_FINISHED && said.end.hosts == 1);
	mode = TO_RESUME;
	CHECK(read_again(both) == REPLAY_SEVERAL);
}

static void
keyed_scan(void)
{
	journal_key(key, sizeof(key));
	parts_scan();
}

static void
a_log_with_a_key_is_read_with_it_alone(void)
{
	write_log(keyed_scan);
	CHECK(strstr(log_text, " start 1795375740 keyed\n") != NULL);
	CHECK(read_again(log_text) == REPLAY_KEYED && said.end.line == 2);
	/* Without the word it is one that anybody can make. */
	CHECK(read_forged(" keyed\n", "\n") == REPLAY_RESUMABLE);
	journal_key(key, sizeof(key));
	CHECK(read_again(log_text) == REPLAY_RESUMABLE && said.n[MSG_PASTHOST] == 3);
	journal_key(other_key, sizeof(other_key));
	CHECK(read_again(log_text) == REPLAY_ALTERED && said.n[MSG_PASTLINE] == 0);
}

/* As somebody has to find out who trusts a key. */
static void
a_log_without_a_key_is_refused_to_who_has_one(void)
{
	const char	*forged;

	write_log(parts_scan);
	forged = forge(log_text, "740\n", "740 keyed\n");
	journal_key(key, sizeof(key));
	CHECK(read_again(log_text) == REPLAY_NOT_KEYED && said.end.line == 2);
	CHECK(read_again(forged) == REPLAY_ALTERED && said.n[MSG_PASTLINE] == 0);
}

int
main(void)
{
	CASE_APART(each_part_is_told_whole_and_in_its_turn);
	CASE_APART(to_verify_no_part_is_told);
	CASE_APART(all_ports_of_a_host_wait_for_a_slow_parent);
	CASE_APART(facts_that_do_not_fit_their_mark_are_refused);
	CASE_APART(facts_that_nobody_writes_are_refused);
	CASE_APART(totals_that_fall_are_refused);
	CASE_APART(logs_behind_one_another_are_verified_but_not_resumed);
	CASE_APART(a_stopped_log_before_a_whole_one_is_seen);
	CASE_APART(a_log_with_a_key_is_read_with_it_alone);
	CASE_APART(a_log_without_a_key_is_refused_to_who_has_one);
	return (test_done());
}
