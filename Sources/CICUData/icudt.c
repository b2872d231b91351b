#include <stdint.h>

// ICU's data as Foundation names it: a table of contents without entries, in the format of ICU's ucmndata.h. A static
// link takes it in place of icu_packaged_data in lib_FoundationICU.a: 34 MB about languages, calendars and time zones
// that the program has no use for (docs/decisions/an-image-without-icu-data.md).
//
// Hidden, so that a program with shared Swift libraries keeps what these have. 76 is the version of ICU in Swift 6.3.
// With another one, nothing refers to this data, and the program exceeds the limit of scripts/check_image.py.
struct icu_data {
  uint16_t header_size;
  uint8_t magic[2];
  uint16_t info_size, reserved_word;
  uint8_t is_big_endian, charset_family, size_of_character, reserved_byte;
  uint8_t format[4], format_version[4], data_version[4];
  uint8_t padding[8];
  uint32_t entries, reserved_entries;
};

extern const struct icu_data icudt76_dat __attribute__((visibility("hidden")));

const struct icu_data icudt76_dat __attribute__((aligned(16))) = {
  .header_size = 32,
  .magic = {0xda, 0x27},
  .info_size = 20,
  .is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
  .size_of_character = 2,
  .format = {'T', 'o', 'C', 'P'},
  .format_version = {1},
};
