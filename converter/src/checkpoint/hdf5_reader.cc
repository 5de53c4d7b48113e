// Datasets as tensors. libhdf5 converts types and byte orders, all but f64 to f32, where it would
// turn what overflows into infinities.
#include "checkpoint/hdf5_reader.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "checkpoint/checkpoint.h"
#include "checkpoint/hdf5_walk.h"
#include "checkpoint/values.h"
#include "text/text.h"

namespace augur::checkpoint {
namespace {

constexpr uint64_t kUnsuspicious = uint64_t{256} << 20;
constexpr uint64_t kSuspiciousRatio = 200;

struct Dataset {
  TensorInfo info;
};

// A dataset's values as one stream. A caller that reads all of them at once gets them without a
// copy.
class DatasetStream final : public RawStream {
 public:
  DatasetStream(H5Handle dataset, hid_t memory_type, uint64_t bytes, std::string where)
      : dataset_(std::move(dataset)),
        memory_type_(memory_type),
        bytes_(bytes),
        where_(std::move(where)) {}

  void read(void* out, size_t size) override {
    if (size > bytes_ - next_) throw Error(where_ + ": its data ends too early");
    if (next_ == 0 && size == bytes_) {
      read_all(out);
    } else {
      if (copy_.empty()) {
        copy_.resize(static_cast<size_t>(bytes_));
        read_all(copy_.data());
      }
      const auto from = copy_.begin() + static_cast<std::ptrdiff_t>(next_);
      std::copy(from, from + static_cast<std::ptrdiff_t>(size), static_cast<uint8_t*>(out));
    }
    next_ += size;
  }

 private:
  void read_all(void* out) {
    if (bytes_ == 0) return;
    const H5Quiet quiet;
    if (H5Dread(dataset_.get(), memory_type_, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) < 0) {
      throw Error(where_ + " cannot be read (" + h5_last_error() + ")");
    }
  }

  H5Handle dataset_;
  hid_t memory_type_;  // one of libhdf5's own, which are never closed
  uint64_t bytes_;
  uint64_t next_ = 0;
  std::string where_;
  std::vector<uint8_t> copy_;
};

struct TypeRow {
  H5T_class_t kind;
  size_t bytes;
  bool is_signed;
  DType dtype;
};

constexpr TypeRow kTypes[] = {
    {H5T_FLOAT, 4, true, DType::kF32},    {H5T_FLOAT, 8, true, DType::kF64},
    {H5T_INTEGER, 1, false, DType::kU8},  {H5T_INTEGER, 1, true, DType::kI8},
    {H5T_INTEGER, 2, false, DType::kU16}, {H5T_INTEGER, 2, true, DType::kI16},
    {H5T_INTEGER, 4, false, DType::kU32}, {H5T_INTEGER, 4, true, DType::kI32},
    {H5T_INTEGER, 8, false, DType::kU64}, {H5T_INTEGER, 8, true, DType::kI64},
};

// Half precision has 5 bits of exponent, brain floats have 8.
DType two_byte_float(hid_t type) {
  size_t sign, exponent, exponent_bits, mantissa, mantissa_bits;
  if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) < 0) {
    return DType::kOther;
  }
  if (exponent_bits == 5 && mantissa_bits == 10) return DType::kF16;
  if (exponent_bits == 8 && mantissa_bits == 7) return DType::kBF16;
  return DType::kOther;
}

// Python writes complex numbers as records of r and i.
DType record_type(hid_t type) {
  if (H5Tget_nmembers(type) != 2 || H5Tget_member_class(type, 0) != H5T_FLOAT ||
      H5Tget_member_class(type, 1) != H5T_FLOAT) {
    return DType::kOther;
  }
  const size_t size = H5Tget_size(type);
  return size == 8 ? DType::kComplex64 : size == 16 ? DType::kComplex128 : DType::kOther;
}

void describe_type(hid_t type, TensorInfo* info) {
  const H5T_class_t kind = H5Tget_class(type);
  const size_t size = H5Tget_size(type);
  switch (kind) {
    case H5T_FLOAT:
    case H5T_INTEGER: {
      const bool is_signed = kind == H5T_FLOAT || H5Tget_sign(type) == H5T_SGN_2;
      if (kind == H5T_FLOAT && size == 2) info->dtype = two_byte_float(type);
      for (const TypeRow& row : kTypes) {
        if (row.kind == kind && row.bytes == size && row.is_signed == is_signed) {
          info->dtype = row.dtype;
        }
      }
      info->type_name = std::string(kind == H5T_FLOAT ? "float"
                                    : is_signed       ? "int"
                                                      : "uint") +
                        std::to_string(8 * size);
      break;
    }
    case H5T_ENUM:  // Python's bool: FALSE and TRUE over one byte
      if (size == 1 && H5Tget_nmembers(type) == 2) info->dtype = DType::kBool;
      info->type_name = info->dtype == DType::kBool ? "bool" : "enumeration";
      break;
    case H5T_STRING:
      info->dtype = DType::kString;
      info->type_name = "string";
      break;
    case H5T_COMPOUND:
      info->dtype = record_type(type);
      info->type_name = info->dtype == DType::kOther ? "record" : "complex";
      break;
    default:
      info->type_name = "HDF5 class " + std::to_string(kind);
  }
}

// A text of one value, of variable or fixed length; "" where the file has no such attribute.
std::string text_attribute(hid_t file, const char* name) {
  if (H5Aexists(file, name) <= 0) return "";
  const H5Handle attribute(H5Aopen(file, name, H5P_DEFAULT), H5Aclose);
  const H5Handle type(attribute ? H5Aget_type(attribute.get()) : -1, H5Tclose);
  const H5Handle space(attribute ? H5Aget_space(attribute.get()) : -1, H5Sclose);
  if (!type || !space || H5Tget_class(type.get()) != H5T_STRING ||
      H5Sget_simple_extent_npoints(space.get()) != 1)
    return "";
  if (H5Tis_variable_str(type.get()) > 0) {
    char* value = nullptr;
    if (H5Aread(attribute.get(), type.get(), static_cast<void*>(&value)) < 0 || value == nullptr)
      return "";
    std::string text = value;
    H5free_memory(value);
    return text;
  }
  const size_t size = H5Tget_size(type.get());
  if (size > H5Aget_storage_size(attribute.get())) return "";
  std::string text(size, '\0');
  if (H5Aread(attribute.get(), type.get(), text.data()) < 0) return "";
  text.resize(std::strlen(text.c_str()));  // shorter texts are filled up with zeros
  return text;
}

class Hdf5 final : public Checkpoint, public Groups {
 public:
  explicit Hdf5(const std::filesystem::path& path) : Checkpoint(path.string(), "HDF5") {
    // Before the first call of any other kind: a damaged file can make libhdf5 fail to shut down,
    // and there is nothing to be written then.
    H5dont_atexit();
    const H5Quiet quiet;
    H5PLset_loading_state(0);  // a file must not make libhdf5 load filter plugins
    opened_ = H5Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (!opened_) {
      throw Error(file() + ": is not a readable HDF5 file (" + h5_last_error() +
                  "): it is truncated or damaged");
    }
    std::vector<Dataset> datasets;
    H5Objects found = list_objects(opened_.get(), file());
    empty_groups_ = std::move(found.empty_groups);
    model_config_ = text_attribute(opened_.get(), "model_config");
    for (std::string& name : found.datasets) {
      datasets.push_back({describe(std::move(name))});
    }
    adopt(datasets);
  }

  std::vector<std::string> empty_groups() const override { return empty_groups_; }
  std::string model_config() const override { return model_config_; }

  std::unique_ptr<RawStream> values(const TensorInfo& tensor) const {
    return open_raw(static_cast<size_t>(&tensor - tensors().data())).stream;
  }

 private:
  H5Handle open_dataset(const TensorInfo& tensor) const {
    H5Handle dataset(H5Dopen2(opened_.get(), tensor.name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset) throw Error(where(tensor) + " cannot be opened (" + h5_last_error() + ")");
    return dataset;
  }

  TensorInfo describe(std::string name) const {
    TensorInfo info;
    info.name = std::move(name);
    const H5Handle dataset = open_dataset(info);
    const H5Handle type(H5Dget_type(dataset.get()), H5Tclose);
    const H5Handle space(H5Dget_space(dataset.get()), H5Sclose);
    if (!type || !space) throw Error(where(info) + " is malformed (" + h5_last_error() + ")");
    describe_type(type.get(), &info);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) {
      info.shape = {0};
    } else if (rank > 0) {
      std::vector<hsize_t> extents(static_cast<size_t>(rank));
      H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
      for (const hsize_t extent : extents) {
        // Above the range it becomes negative, which shape_size refuses.
        info.shape.push_back(static_cast<int64_t>(extent));
      }
    }
    uint64_t count = 0, bits = 0;
    if (rank < 0 || !shape_size(info.shape, 8 * H5Tget_size(type.get()), &count, &bits)) {
      throw Error(where(info) + " has the shape " + shape_text(info.shape) +
                  ", whose size overflows: the file is damaged");
    }
    info.bytes = bits / 8;
    return info;
  }

  Raw open_raw(size_t index) const override {
    const H5Quiet quiet;
    const TensorInfo& info = tensors()[index];
    H5Handle dataset = open_dataset(info);
    require_data(dataset.get(), info);
    const DType dtype = hdf5_values_type(info.dtype);
    const uint64_t bytes = info.count() * dtype_bytes(dtype);
    return {
        std::make_unique<DatasetStream>(std::move(dataset), memory_type(dtype), bytes, where(info)),
        {dtype, host_is_big_endian()},
        false};
  }

  // libhdf5's type for values of `dtype` in memory.
  static hid_t memory_type(DType dtype) {
    switch (dtype) {
      case DType::kU8:
        return H5T_NATIVE_UINT8;
      case DType::kU16:
        return H5T_NATIVE_UINT16;
      case DType::kI16:
        return H5T_NATIVE_INT16;
      case DType::kU32:
        return H5T_NATIVE_UINT32;
      case DType::kI32:
        return H5T_NATIVE_INT32;
      case DType::kU64:
        return H5T_NATIVE_UINT64;
      case DType::kI64:
        return H5T_NATIVE_INT64;
      case DType::kF32:
        return H5T_NATIVE_FLOAT;
      case DType::kF64:
        return H5T_NATIVE_DOUBLE;
      default:
        return H5T_NATIVE_INT8;  // kI8, kBool
    }
  }

  // The declared size must be backed by bytes in this file before anything is allocated for it.
  void require_data(hid_t dataset, const TensorInfo& info) const {
    if (info.bytes == 0) return;
    const H5Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    if (!properties) throw Error(where(info) + " is malformed (" + h5_last_error() + ")");
    const H5D_layout_t layout = H5Pget_layout(properties.get());
    if (layout == H5D_VIRTUAL || H5Pget_external_count(properties.get()) > 0) {
      throw Error(where(info) +
                  " has its data in another file, which is not followed; save the "
                  "weights into one file");
    }
    const uint64_t stored = H5Dget_storage_size(dataset);
    std::error_code unknown;
    const uint64_t file_bytes = std::filesystem::file_size(file(), unknown);
    if (!unknown && stored > file_bytes) {
      throw Error(where(info) + " claims " + std::to_string(stored) +
                  " bytes of data in a file of " + std::to_string(file_bytes) +
                  ": it is cut short, or damaged");
    }
    uint64_t unpacked = info.bytes;
    if (layout == H5D_CHUNKED) {
      hsize_t chunk[H5S_MAX_RANK] = {};
      const int rank = H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk);
      std::vector<int64_t> shape(static_cast<size_t>(std::max(rank, 0)));
      for (size_t i = 0; i < shape.size(); ++i)
        shape[i] = static_cast<int64_t>(chunk[i]);
      uint64_t count = 0, bits = 0;
      if (rank < 0 || !shape_size(shape, 8 * (info.bytes / info.count()), &count, &bits)) {
        throw Error(where(info) + " has impossible chunks: the file is damaged");
      }
      unpacked = std::max(unpacked, bits / 8);
    }
    const bool complete = layout == H5D_CHUNKED ? stored > 0 : stored >= info.bytes;
    if (!complete) {
      throw Error(where(info) + " holds " + std::to_string(stored) + " of " +
                  std::to_string(info.bytes) + " bytes: it was never written, or is damaged");
    }
    if (unpacked > kUnsuspicious && unpacked / kSuspiciousRatio > stored) {
      throw Error(where(info) + " expands from " + std::to_string(stored) + " to " +
                  std::to_string(unpacked) +
                  " bytes, which looks like a decompression bomb; if it is not, save the file "
                  "without compression");
    }
  }

  H5Handle opened_;
  std::vector<std::string> empty_groups_;
  std::string model_config_;
};

}  // namespace

Hdf5List list_hdf5(const std::filesystem::path& path) {
  const Hdf5 file(path);
  return {file.tensors(), file.empty_groups(), file.model_config()};
}

void copy_hdf5(const std::filesystem::path& path, const TensorInfo& tensor, const ByteSink& sink) {
  const Hdf5 weights(path);
  const TensorInfo& info = weights.get(tensor.name);
  const auto values = weights.values(info);
  std::vector<uint8_t> piece(size_t{1} << 20);
  uint64_t left = info.count() * dtype_bytes(hdf5_values_type(info.dtype));
  while (left > 0) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(left, piece.size()));
    values->read(piece.data(), size);
    sink(piece.data(), size);
    left -= size;
  }
}

DType hdf5_values_type(DType stored) {
  return stored == DType::kF16 || stored == DType::kBF16 ? DType::kF32 : stored;
}

}  // namespace augur::checkpoint
