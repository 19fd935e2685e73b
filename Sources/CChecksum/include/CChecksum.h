// Cyclic redundancy checks as AWS's S3 uses them, and their combination for parts that were summed apart.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum {
  htr_crc32,      ///< ISO-HDLC: zlib's, Ethernet's
  htr_crc32c,     ///< Castagnoli: iSCSI's
  htr_crc64nvme,  ///< NVM Express 1.4, 5.2.1.3.4
} htr_crc_kind;

/// The sum of what was summed before (0 at the start) and these bytes.
uint64_t htr_crc_add(htr_crc_kind kind, uint64_t sum, const void *bytes, size_t count);

/// The sum of two texts, one after the other, from their own sums and the second's length.
uint64_t htr_crc_combine(htr_crc_kind kind, uint64_t first, uint64_t second, uint64_t second_length);
