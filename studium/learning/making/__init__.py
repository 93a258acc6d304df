"""Cards made of material, by rule or by a model: proposals, which a learner accepts, edits or refuses."""
