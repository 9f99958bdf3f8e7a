# Writes the header that stages/infer/build_identity.cpp includes.
#
#   cmake -DROOT=folder -DLIST=file -DVERSION=0.1.0 -DSANITIZE=kinds -DOUTPUT=header -P write_build_identity.cmake
#
# LIST names the sources, one a line, from ROOT on. Their names count too.
file(STRINGS ${LIST} names)
foreach(name ${names})
  file(SHA256 ${ROOT}/${name} hash)
  string(APPEND all "${hash} ${name}\n")
endforeach()
string(SHA256 hash "${all}")
string(SUBSTRING ${hash} 0 16 hash)
set(text "${VERSION}, sources ${hash}")
if(SANITIZE)
  string(APPEND text ", sanitizers ${SANITIZE}")
endif()
file(WRITE ${OUTPUT} "#pragma once\n\nnamespace qeval {\n\n"
                     "inline constexpr char build_identity_text[] = \"${text}\";\n\n}  // namespace qeval\n")
