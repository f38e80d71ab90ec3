//! Many desks want the same thing at the same moment: exactly one gets it.
