// Packed weights that primitives of several shapes share.
#include "onednn_library.h"

#include <stdlib.h>
#include <string.h>

// Fast and good enough to tell a network's weights apart (the mixing of SplitMix64, over four lanes).
static uint64_t digest(const float *weights, int64_t count) {
  uint64_t lanes[4] = {0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu, (uint64_t)count};
  for (int64_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, weights + i, 4);
    uint64_t *lane = lanes + (i & 3);
    *lane = (*lane ^ bits) * 0xbf58476d1ce4e5b9u;
    *lane ^= *lane >> 29;
  }
  uint64_t sum = 0;
  for (int32_t i = 0; i < 4; i++) sum = (sum ^ lanes[i]) * 0x94d049bb133111ebu, sum ^= sum >> 31;
  return sum;
}

htr_packed_weights *htr_packed_weights_take(
    htr_onednn_engine *engine, const dnnl_memory_desc_t *shape, const float *weights, int64_t count, int32_t *is_new) {
  uint64_t content = digest(weights, count);
  *is_new = 0;
  for (htr_packed_weights *known = engine->packed; known; known = known->next)
    if (known->digest == content && htr_onednn.memory_desc_equal(&known->shape, shape)) {
      known->users++;
      return known;
    }
  htr_packed_weights *made = calloc(1, sizeof *made);
  if (!made) return NULL;
  size_t size = htr_onednn.memory_desc_get_size(shape);
  *made = (htr_packed_weights){.digest = content, .shape = *shape, .users = 1, .next = engine->packed};
  made->data = aligned_alloc(64, (size + 63) / 64 * 64 + 64);
  if (!made->data) {
    free(made);
    return NULL;
  }
  engine->packed = made;
  *is_new = 1;
  return made;
}

void htr_packed_weights_release(htr_onednn_engine *engine, htr_packed_weights *weights) {
  if (!weights || --weights->users > 0) return;
  htr_packed_weights **place = &engine->packed;
  while (*place != weights) place = &(*place)->next;
  *place = weights->next;
  free(weights->data);
  free(weights);
}
