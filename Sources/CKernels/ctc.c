// Connectionist temporal classification (Graves et al. 2006): forward and backward variables in log space. The loops
// run over label positions, which do not depend on each other within a frame, so they vectorise.
#include "kernel.h"

static const float IMPOSSIBLE = -1e30f;

// Rows of label positions have two cells of padding on each side, so that neighbours need no tests.
HTR_INLINE int64_t padded(int32_t labels) { return (2 * labels + 1 + 4 + 15) / 16 * 16; }

int64_t htr_ctc_scratch(int32_t frames, int32_t classes, int32_t labels) {
  return (int64_t)frames * classes + (2 * (int64_t)frames + 6) * padded(labels);
}

HTR_KERNEL static void softmax_rows(int32_t frames, int32_t classes, const float *logits, int64_t stride, float *y) {
  for (int32_t t = 0; t < frames; t++) {
    const float *row = logits + t * stride;
    float *out = y + (int64_t)t * classes, top = row[0], sum = 0;
    for (int32_t k = 1; k < classes; k++) top = row[k] > top ? row[k] : top;
    for (int32_t k = 0; k < classes; k++) {
      out[k] = fast_exp(row[k] - top);
      sum += out[k];
    }
    for (int32_t k = 0; k < classes; k++) out[k] /= sum;
  }
}

// next[s] = log(e^a[s] + e^b[s] + e^(c[s] + skip[s])) + p[s]
HTR_KERNEL static void advance(
    int64_t count, const float *a, const float *b, const float *c, const float *skip, const float *p, float *next) {
  for (int64_t s = 0; s < count; s++) {
    float x = a[s], y = b[s], z = c[s] + skip[s];
    float top = x > y ? x : y;
    top = z > top ? z : top;
    float sum = fast_exp(x - top) + fast_exp(y - top) + fast_exp(z - top);
    float value = top + fast_log(sum) + p[s];
    next[s] = value > -1e29f ? value : -1e30f;
  }
}

float htr_ctc_loss(
    int32_t frames, int32_t classes, const float *logits, int64_t stride, const int32_t *labels, int32_t label_count,
    float scale, float *gradient, float *scratch) {
  const int32_t S = 2 * label_count + 1;
  const int64_t row = padded(label_count);
  int32_t repeats = 0;
  for (int32_t l = 1; l < label_count; l++) repeats += labels[l] == labels[l - 1];
  for (int32_t t = 0; t < frames; t++) memset(gradient + t * stride, 0, sizeof(float) * (size_t)classes);
  if (frames < label_count + repeats || frames == 0) return INFINITY;

  float *y = scratch, *alpha = y + (int64_t)frames * classes, *log_p = alpha + frames * row;
  float *skip = log_p + frames * row, *skip_back = skip + row, *beta = skip_back + row, *next = beta + row, *zeros = next + row;
  softmax_rows(frames, classes, logits, stride, y);
  for (int64_t s = 0; s < row; s++) {
    int64_t at = s - 2;  // position in the extended label
    int32_t is_label = at >= 0 && at < S && at % 2 == 1;
    skip[s] = is_label && at >= 3 && labels[at / 2] != labels[at / 2 - 1] ? 0 : IMPOSSIBLE;
    skip_back[s] = is_label && at + 2 < S && labels[at / 2] != labels[at / 2 + 1] ? 0 : IMPOSSIBLE;
    zeros[s] = 0;
    for (int32_t t = 0; t < frames; t++) {
      float p = at < 0 || at >= S ? 0 : y[(int64_t)t * classes + (is_label ? labels[at / 2] : 0)];
      log_p[t * row + s] = at < 0 || at >= S ? IMPOSSIBLE : logf(p > 1e-30f ? p : 1e-30f);
    }
  }

  // alpha[t][s]: all paths through frames 0...t that end in position s.
  for (int64_t s = 0; s < row; s++) alpha[s] = s == 2 || (s == 3 && S > 1) ? log_p[s] : IMPOSSIBLE;
  for (int32_t t = 1; t < frames; t++) {
    float *now = alpha + t * row;
    const float *before = now - row;
    now[0] = now[1] = IMPOSSIBLE;
    advance(row - 2, before + 2, before + 1, before, skip + 2, log_p + t * row + 2, now + 2);
  }
  const float *last = alpha + (frames - 1) * row;
  float a = last[S + 1], b = S > 1 ? last[S] : IMPOSSIBLE, top = a > b ? a : b;
  float total = top + logf(expf(a - top) + expf(b - top));
  if (!(total > -1e29f)) return INFINITY;

  // beta[s]: all paths from position s in frame t to the end, frame t not counted; alpha * beta is then the posterior.
  for (int64_t s = 0; s < row; s++) beta[s] = s == S + 1 || (s == S && S > 1) ? 0 : IMPOSSIBLE;
  for (int32_t t = frames - 1;; t--) {
    float *out = gradient + t * stride;
    const float *p = y + (int64_t)t * classes;
    for (int32_t k = 0; k < classes; k++) out[k] = scale * p[k];
    for (int64_t s = 2; s < S + 2; s++) {
      float posterior = expf(alpha[t * row + s] + beta[s] - total);
      out[s % 2 == 1 ? labels[(s - 2) / 2] : 0] -= scale * posterior;
    }
    if (t == 0) break;
    // Into `next`: beta with the probability of frame t, then one step back.
    for (int64_t s = 0; s < row; s++) next[s] = beta[s] + log_p[t * row + s];
    advance(row - 2, next, next + 1, next + 2, skip_back, zeros, beta);
    beta[row - 1] = beta[row - 2] = IMPOSSIBLE;
  }
  return -total;
}
