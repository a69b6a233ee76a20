"""A strict reader of the safetensors specification, with nothing but Python: read_safetensors.py FILE FLOAT32_TENSOR"""
import json, math, struct, sys

SIZES = dict(BOOL=1, U8=1, I8=1, U16=2, I16=2, F16=2, BF16=2, U32=4, I32=4, F32=4, U64=8, I64=8, F64=8)
content = open(sys.argv[1], "rb").read()
(length,) = struct.unpack("<Q", content[:8])
assert content[8:9] == b"{" and length <= 100_000_000
header, data = json.loads(content[8:8 + length]), content[8 + length:]
metadata, end = header.pop("__metadata__"), 0
assert all(type(text) is str for text in metadata.values())
for name, tensor in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
    begin, after = tensor["data_offsets"]
    assert begin == end and begin % SIZES[tensor["dtype"]] == 0, name
    assert after - begin == SIZES[tensor["dtype"]] * math.prod(tensor["shape"]), name
    end = after
assert end == len(data)
print("epoch", metadata["epoch"])
begin, end = header[sys.argv[2]]["data_offsets"]
print(*struct.unpack(f"<{(end - begin) // 4}i", data[begin:end]), sep="\n")
