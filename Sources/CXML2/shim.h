#pragma once
#include <libxml/xmlversion.h>
// Some builds of libxml2 show ICU's headers, which differ from those that Foundation brings. Only a struct that is not
// used here changes with this.
#undef LIBXML_ICU_ENABLED
#include <libxml/xmlreader.h>
