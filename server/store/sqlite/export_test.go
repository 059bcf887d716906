package sqlite

// TreatAsDense makes a store take few sessions for many, so that tests with few
// see what it does with many.
func TreatAsDense(s *Store) { s.limits = limits{selective: 4, probes: 2} }
