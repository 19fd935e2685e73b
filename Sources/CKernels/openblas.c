// OpenBLAS, looked for at run time.
#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>

#include "include/CKernels.h"

static struct {
  __typeof__(cblas_sgemm) *sgemm;
  __typeof__(openblas_set_num_threads) *set_num_threads;
  __typeof__(openblas_get_corename) *get_corename;
} blas;

int32_t htr_openblas_load(char *reason, size_t size) {
  if (blas.sgemm) return 0;
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(reason, size, "%s", dlerror());
    return -1;
  }
  blas.set_num_threads = (__typeof__(blas.set_num_threads))dlsym(library, "openblas_set_num_threads");
  blas.get_corename = (__typeof__(blas.get_corename))dlsym(library, "openblas_get_corename");
  __typeof__(blas.sgemm) sgemm = (__typeof__(blas.sgemm))dlsym(library, "cblas_sgemm");
  if (!sgemm || !blas.set_num_threads || !blas.get_corename) {
    snprintf(reason, size, "libopenblas.so.0 lacks a function: is it OpenBLAS 0.3 with its C interface?");
    return -1;
  }
  // The replicas are the threads here: a product inside one of them must not start more.
  blas.set_num_threads(1);
  blas.sgemm = sgemm;
  return 0;
}

const char *htr_openblas_core(void) { return blas.get_corename(); }

void htr_openblas_sgemm(
    int32_t transpose_a, int32_t transpose_b, int32_t m, int32_t n, int32_t k, const float *a, int32_t lda,
    const float *b, int32_t ldb, float beta, float *c, int32_t ldc) {
  blas.sgemm(
      CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, m, n, k, 1, a,
      lda, b, ldb, beta, c, ldc);
}
