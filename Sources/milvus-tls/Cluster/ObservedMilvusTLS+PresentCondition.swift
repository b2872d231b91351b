import MilvusTLS

extension ObservedMilvusTLS {
  /// A condition; nil if it is about an earlier generation of the spec.
  func presentCondition(_ type: ConditionType) -> Condition? {
    guard let condition = status.condition(type),
      let observed = condition.observedGeneration ?? status.observedGeneration,
      observed >= generation
    else { return nil }
    return condition
  }
}
