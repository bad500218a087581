# SPDX-FileCopyrightText: 2026 The Synoptic Authors
# SPDX-License-Identifier: Apache-2.0
#
# Writes OUT: the files of every pack in RULES as text of a C++ source.

set(text "#include \"alerting/packs/pack.h\"\n\nnamespace synoptic::alerting::internal {\n\n")
string(APPEND text "const std::vector<PackText>& PackTexts() {\n")
string(APPEND text "  static const std::vector<PackText> texts = {\n")
file(GLOB packs RELATIVE ${RULES} ${RULES}/*/pack.yaml)
list(SORT packs)
foreach(file ${packs})
  get_filename_component(pack ${file} DIRECTORY)
  string(APPEND text "      {\"${pack}\"")
  foreach(part pack alerts series)
    file(READ ${RULES}/${pack}/${part}.yaml content)
    string(APPEND text ",\n       R\"~pack~(${content})~pack~\"")
  endforeach()
  string(APPEND text "},\n")
endforeach()
string(APPEND text "  };\n  return texts;\n}\n\n}  // namespace synoptic::alerting::internal\n")
file(WRITE ${OUT} "${text}")
