import JSON

/// What has to change in a Milvus resource.
enum MilvusChange: Equatable {
  case none
  /// A JSON merge patch that carries the resourceVersion that it was made for, and the operator's own fields that were
  /// removed since it set them.
  case patch(JSONValue, reverted: [JSONPointer])
  case conflicts([FieldConflict])
}
