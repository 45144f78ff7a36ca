# bunk
