/* SipHash gives the vectors of its paper. */

#include "siphash.h"
#include "test.h"

/* Appendix A of the paper: key 00..0f, input 00..0e. */
static void
the_papers_vector(void)
{
	static const struct siphash_key	 key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	uint8_t				 in[15];

	for (uint8_t i = 0; i < sizeof(in); i++)
		in[i] = i;
	CHECK(siphash(&key, in, sizeof(in)) == 0xa129ca6149be45e5);
	CHECK(siphash(&key, in, 0) == 0x726fdb47dd0e0e31);
	CHECK(siphash(&key, in, 8) == 0x93f5f5799a932462);
}

/* The same message: its first eight bytes, and the seven that are left. */
static void
a_hash_in_pieces_is_that_of_the_whole(void)
{
	static const struct siphash_key	 key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	static const uint8_t		 in[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct siphash			 s = siphash_begin(&key, in, sizeof(in));

	CHECK(siphash_end(&s, 0x0e0d0c0b0a0908, 15) == 0xa129ca6149be45e5);
	CHECK(siphash_end(&s, 0, 8) == 0x93f5f5799a932462);
}

int
main(void)
{
	CASE(the_papers_vector);
	CASE(a_hash_in_pieces_is_that_of_the_whole);
	return (test_done());
}
