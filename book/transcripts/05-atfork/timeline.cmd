./timeline
