#include "CChecksum.h"
#include <pthread.h>
#include <string.h>

// All three are of the reflected kind (least significant bit first), begin with ones and end inverted. A 32-bit sum
// lives in the low half of 64 bits, so that one loop serves all.
static const uint64_t polynomials[3] = {0xEDB88320u, 0x82F63B78u, 0x9A6C9329AC4BC9B5u};
static const uint64_t masks[3] = {0xFFFFFFFFu, 0xFFFFFFFFu, ~(uint64_t)0};
static const int widths[3] = {32, 32, 64};

// Sarwate's table, and seven more of what one byte becomes after further bytes of zero: eight bytes in one step
// (M. Kounavis, F. Berry, "A systematic approach to building high performance software-based CRC generators", 2005).
static uint64_t tables[3][8][256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill(void) {
  for (int kind = 0; kind < 3; kind++) {
    for (int byte = 0; byte < 256; byte++) {
      uint64_t sum = (uint64_t)byte;
      for (int bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >> 1) ^ polynomials[kind] : sum >> 1;
      tables[kind][0][byte] = sum;
    }
    for (int level = 1; level < 8; level++) {
      for (int byte = 0; byte < 256; byte++) {
        uint64_t sum = tables[kind][level - 1][byte];
        tables[kind][level][byte] = (sum >> 8) ^ tables[kind][0][sum & 0xFF];
      }
    }
  }
}

uint64_t htr_crc_add(htr_crc_kind kind, uint64_t sum, const void *bytes, size_t count) {
  pthread_once(&once, fill);
  const uint64_t(*table)[256] = tables[kind];
  const uint8_t *next = bytes;
  sum = ~sum & masks[kind];
  for (; count >= 8; count -= 8, next += 8) {
    uint64_t word;
    memcpy(&word, next, 8);
    word ^= sum;
    sum = table[7][word & 0xFF] ^ table[6][word >> 8 & 0xFF] ^ table[5][word >> 16 & 0xFF] ^
          table[4][word >> 24 & 0xFF] ^ table[3][word >> 32 & 0xFF] ^ table[2][word >> 40 & 0xFF] ^
          table[1][word >> 48 & 0xFF] ^ table[0][word >> 56];
  }
  for (; count > 0; count--, next++) sum = (sum >> 8) ^ table[0][(sum ^ *next) & 0xFF];
  return ~sum & masks[kind];
}

// The product of two polynomials modulo the kind's, both reflected: the highest bit is the constant term.
static uint64_t multiply(htr_crc_kind kind, uint64_t left, uint64_t right) {
  uint64_t product = 0;
  for (uint64_t bit = (uint64_t)1 << (widths[kind] - 1); bit; bit >>= 1) {
    if (left & bit) product ^= right;
    right = right & 1 ? (right >> 1) ^ polynomials[kind] : right >> 1;
  }
  return product;
}

uint64_t htr_crc_combine(htr_crc_kind kind, uint64_t first, uint64_t second, uint64_t second_length) {
  // first * x^(8 * length) + second, the power by repeated squaring.
  uint64_t power = (uint64_t)1 << (widths[kind] - 1);
  uint64_t square = (uint64_t)1 << (widths[kind] - 1 - 8);
  for (uint64_t length = second_length; length; length >>= 1) {
    if (length & 1) power = multiply(kind, power, square);
    square = multiply(kind, square, square);
  }
  return multiply(kind, first, power) ^ second;
}
