"""The pytest plugin of the claims: options, selection, the judge, the record, the table.

pytest loads it wherever prefvec is installed. In a session without claims it declares its options
and markers, loads no torch, writes no file and says nothing: what a hook needs of the other rooms
is imported once there is a claim.
"""
