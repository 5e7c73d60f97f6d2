/* The baseline for the compiled loops: the article's arithmetic, bit for bit, written by hand in C.
 *
 * Only benchmarks/bench_onelayer.py builds and runs it. The ten weights of a pixel are one vector of eight and one of two;
 * pixels that are zero are skipped. `-ffp-contract=off` keeps the compiler from fusing a multiplication and an addition.
 */
#include <stdint.h>
#include <stdlib.h>
#if defined(__AVX512VBMI2__) && defined(__AVX512BW__) && defined(__AVX512VL__)
#include <immintrin.h>
#endif

typedef double eight __attribute__((vector_size(64), aligned(8)));
typedef double two __attribute__((vector_size(16), aligned(8)));

#define PIXELS 784

/* The pixels of one image that are not zero; room for 16 more is needed behind the last. Returns how many. */
static long collect(const uint8_t *image, uint16_t *pixels, uint8_t *values)
{
    long k = 0;
#if defined(__AVX512VBMI2__) && defined(__AVX512BW__) && defined(__AVX512VL__)
    const __m256i lanes = _mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (int p = 0; p < PIXELS; p += 16) {
        __m128i row = _mm_loadu_si128((const __m128i *)(image + p));
        __mmask16 ink = _mm_test_epi8_mask(row, row);
        _mm256_storeu_si256((__m256i *)(pixels + k),
                            _mm256_maskz_compress_epi16(ink, _mm256_add_epi16(lanes, _mm256_set1_epi16((short)p))));
        _mm_storeu_si128((__m128i *)(values + k), _mm_maskz_compress_epi8(ink, row));
        k += __builtin_popcount(ink);
    }
#else
    for (int p = 0; p < PIXELS; p++) {
        pixels[k] = (uint16_t)p;
        values[k] = image[p];
        k += image[p] != 0;
    }
#endif
    return k;
}

/* images: n x 784; weights: 784 x 10, changed in place. Returns 0, or 1 where memory ran out. */
int train(const uint8_t *images, const uint8_t *labels, long n, long epochs, double alpha, double *weights)
{
    long count = 0;
    for (long i = 0; i < n * PIXELS; i++)
        count += images[i] != 0;
    uint16_t *pixels = malloc((count + 32) * sizeof *pixels);
    uint8_t *values = malloc(count + 32);
    long *starts = malloc((n + 1) * sizeof *starts);
    if (!pixels || !values || !starts)
        return 1;
    starts[0] = 0;
    for (long i = 0; i < n; i++)
        starts[i + 1] = starts[i] + collect(images + i * PIXELS, pixels + starts[i], values + starts[i]);
    double levels[256];
    for (int i = 0; i < 256; i++)
        levels[i] = i;
    for (long e = 0; e < epochs; e++)
        for (long i = 0; i < n; i++) {
            eight s = {0};
            two t = {0};
            for (long j = starts[i]; j < starts[i + 1]; j++) {
                const double *w = weights + 10 * pixels[j], x = levels[values[j]];
                s += x * *(const eight *)w;
                t += x * *(const two *)(w + 8);
            }
            if (labels[i] < 8)
                s[labels[i]] -= 1;
            else
                t[labels[i] - 8] -= 1;
            for (long j = starts[i]; j < starts[i + 1]; j++) {
                double *w = weights + 10 * pixels[j], x = levels[values[j]];
                *(eight *)w -= alpha * (s * x);
                *(two *)(w + 8) -= alpha * (t * x);
            }
        }
    free(pixels);
    free(values);
    free(starts);
    return 0;
}
